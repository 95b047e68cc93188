"""Words that no user chose: of the contract, of the client's requests, and of Microsoft's catalogues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..catalog.foundry_lookup import list_offers
from ..catalog.gpu_sizes import gpu_sizes
from ..catalog.lookup import list_models
from ..contract.operation import Body, Events, Opaque, Operation, Xml
from ..contract.shapes import ArrayOf, Either, MapOf, Record, Shape, Text
from ..contract.table import OPERATIONS
from .word_lists import listed

REGISTRIES = frozenset({"azureml", "azureml-meta", "azureml-mistral", "azureml-cohere", "azure-openai", "huggingface"})
"""Microsoft's registries, whose models and components anybody may read."""

PLACES = frozenset({"workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"})
"""The datastores that every workspace has."""

_REQUEST_FIELDS = listed("""
operation request
messages role content name tool_calls tool_call_id function arguments tools tool_choice parameters strict
max_tokens max_completion_tokens temperature top_p stop seed stream stream_options include_usage frequency_penalty
presence_penalty response_format json_schema schema logprobs top_logprobs n user metadata input_data input_string data
columns index training_file validation_file hyperparameters suffix method supervised dpo reinforcement trainingType
integrations purpose file filename content_url part_ids bytes url event_types destination_accounts
preferred_output non_preferred_output input parallel_tool_calls weight prompt completion text type
keyType metricName metricNames startTime endTime maxResults continuationToken selectors containerType tail
hidden displayName scaleSettings sku capacity authMode modelId traffic regenerateKey
expirableSecret expireAfterHours subject image_url detail detail_level reference_answer item refusal
""")
"""Fields of the client's requests, and of the rows that it writes, beyond those of the answers to them."""

_MAP_KEYS = listed("""
num_train_epochs per_device_train_batch_size learning_rate max_seq_length n_epochs batch_size learning_rate_multiplier
apply_lora lora_r lora_alpha lora_dropout apply_deepspeed deepspeed_stage max_steps per_device_eval_batch_size
auto_find_batch_size gradient_accumulation_steps optim warmup_steps weight_decay lr_scheduler_type precision
resume_from_checkpoint evaluation_strategy logging_strategy logging_steps
registered_model mlflow_model_folder pytorch_model_folder compute_finetune huggingface_id mlflow_model_path
pytorch_model_path train_file_path validation_file_path test_file_path Studio Tracking
finetuning_pipeline_job task_name train_mltable_path validation_mltable_path test_mltable_path
instance_type_model_import instance_type_preprocess instance_type_finetune instance_type_model_evaluation
compute_model_import compute_preprocess compute_model_evaluation num_nodes_finetune number_of_gpu_to_use_finetuning
azureml.ModelName chatCompletion fineTune inference
maas_client.name maas_client.fingerprint maas_client.output_model maas_client.source sweep maas-run
trained_model force_rerun continue_on_step_failure _source finetune job_input_type azureml.moduleName azureml.runsource
azureml.pipelinerunid azureml.isreused azureml.onlineendpointid __azureml_ft_training_tokens uxMetricType train_runtime
train_samples_per_second train_steps_per_second dataLocation hftransformersv2 task_type model_id baseModelId
base_model_name_or_path peft_type r scaleType deployment_options responses area locationPlacementId quotaId
spendingLimit
loss eval_loss train_loss valid_loss epoch step train_mean_token_accuracy valid_mean_token_accuracy grad_norm
mean_token_accuracy eval_mean_token_accuracy full_valid_loss full_valid_mean_token_accuracy train_accuracy
valid_accuracy full_eval_loss full_eval_mean_token_accuracy cached_tokens audio_tokens reasoning_tokens
accepted_prediction_tokens rejected_prediction_tokens
hate sexual violence self_harm jailbreak protected_material_text protected_material_code filtered severity detected
content_filters prompt_index content_filter_results
""")
"""Names of hyperparameters, of inputs and outputs of Microsoft's pipelines, of metrics and of content filters."""

_WORDS = listed("""
* request token Double azureml.v1.scalar DSL REMOTE.REGISTRY InferenceServer StorageInitializer chat-completion
chatCompletion managementfrontend RoleBased Off On serverless
uri_file uri_folder mltable mlflow_model custom_model triton_model literal safe low medium high bearer managed
ReadOnlyMount ReadWriteMount Direct Download Upload EvalMount EvalDownload none auto required system user assistant tool
developer tracking studio online serverless consumption basic standard free premium text json_object json_schema
function image_url application/json application/octet-stream application/xml text/plain text/event-stream
multipart/form-data BlockBlob AppendBlob PageBlob unlocked locked available leased Hot Cool Archive
ChatCompletion OpenAI OpenAI-OSS Microsoft Mistral Meta Default Tenant GeneralPurpose NaN Infinity -Infinity
OnceNewDefaultVersionAvailable OnceCurrentVersionExpired NoAutoUpgrade Microsoft.DefaultV2 Microsoft.Default
Microsoft.Nil gzip chunked keep-alive bytes nosniff no-cache no-store max-age=0 completed true false True False null
azureml.FineTuningJob azureml.pipelinerun azureml.StepRun PipelineRun ActiveOnly ArchivedOnly All container list block
blocklist committed uncommitted Primary Secondary fine-tune
${{parent.outputs.trained_model}} RequestsPerMinute
chat_completion_pipeline chat_completion_model_import chat_completion_datapreprocess chat_completion_finetune
text_generation_pipeline text_generation_model_import text_generation_datapreprocess text_generation_finetune
ft_nlp_common_validation ft_nlp_model_converter
""")
"""Words that the services and the client write where the contract knows no enumeration."""

_FILES = listed("""
LocalUpload ExperimentRun UI azureml outputs logs user_logs system_logs azureml-logs std_log.txt paths
registered_model trained_model mlflow_model_folder model data artifacts checkpoints results.csv MLmodel conda.yaml
python_env.yaml requirements.txt adapter_model.safetensors adapter_config.json config.json generation_config.json
tokenizer.json tokenizer_config.json tokenizer.model special_tokens_map.json added_tokens.json merges.txt vocab.json
model.safetensors model.safetensors.index.json pytorch_model.bin training_args.bin trainer_state.json README.md
chat_template.jinja components mlflow
""")
"""Folders and files that every training has."""

_MORE_REGIONS = listed("""
asiapacific australia australiacentral australiasoutheast brazil brazilsoutheast canada centralindia centralus
centraluseuap chinaeast2 chinanorth3 eastasia eastus2euap europe global israelcentral japanwest jioindiawest koreasouth
mexicocentral newzealandnorth northeurope norwaywest qatarcentral southcentralusstg swedensouth uaecentral ukwest
usgovarizona usgovvirginia westcentralus westindia westus2 westus3 germanynorth
""")
"""Regions of Azure that no catalogue of the client has."""


@cache
def field_names() -> frozenset[str]:
    """Return every field that the contract or the client's requests know."""
    found = {name for shape in _shapes() for name in _names(shape)}
    return frozenset({*found, *_REQUEST_FIELDS, *_MAP_KEYS})


@cache
def map_keys() -> frozenset[str]:
    """Return the keys of maps that are no names of anybody's."""
    return frozenset(_MAP_KEYS)


@cache
def words() -> frozenset[str]:
    """Return, in lower case, every word that no user chose: enumerations, catalogues, regions."""
    found = {word for shape in _shapes() for word in _enumerations(shape)}
    return frozenset(word.lower() for word in {*found, *_WORDS, *regions(), *models(), *REGISTRIES, *PLACES} if word)


@cache
def regions() -> frozenset[str]:
    """Return the regions of Azure."""
    of_models = (region for model in list_models() for region in (*model.finetune_regions, *model.deploy_regions))
    of_offers = (region for offer in list_offers() for region in (*offer.standard_regions, *offer.global_regions))
    return frozenset({*of_models, *of_offers, *_MORE_REGIONS})


@cache
def models() -> frozenset[str]:
    """Return the names of public models, in lower case."""
    found = {model.name for model in list_models()} | {name for offer in list_offers() for name in offer.names}
    return frozenset(name.lower() for name in found)


@cache
def sizes() -> frozenset[str]:
    """Return the names of machines with GPUs, in lower case."""
    return frozenset(size.name.lower() for size in gpu_sizes())


@cache
def files() -> frozenset[str]:
    """Return folders and files that every training has, in lower case."""
    return frozenset(name.lower() for name in _FILES)


def is_public(word: str) -> bool:
    """Return whether a word, in any case, is one that no user chose."""
    lower = word.lower()
    return lower in words() or lower in sizes() or lower in files() or word in field_names()


def _shapes() -> Iterator[Shape]:
    for operation in OPERATIONS.values():
        for body in _bodies(operation):
            if isinstance(body, Events):
                yield body.chunk
            elif not isinstance(body, Opaque | Xml):
                yield body


def _bodies(operation: Operation) -> Iterator[Body]:
    for answer in operation.answers.values():
        yield from (answer.body, *answer.alternatives)
    yield from operation.error_bodies


def _inner(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and every shape within it."""
    yield shape
    match shape:
        case ArrayOf() | MapOf():
            yield from _inner(shape.item)
        case Either():
            for one in shape.shapes:
                yield from _inner(one)
        case Record():
            for members in (shape.members, *shape.variants.values()):
                for member in members.values():
                    yield from _inner(member.shape)
        case _:
            pass


def _names(shape: Shape) -> Iterator[str]:
    for one in _inner(shape):
        if isinstance(one, Record):
            for members in (one.members, *one.variants.values()):
                yield from members


def _enumerations(shape: Shape) -> Iterator[str]:
    for one in _inner(shape):
        if isinstance(one, Text):
            yield from one.words
