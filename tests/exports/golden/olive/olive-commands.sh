#!/bin/sh
# The job as commands of Olive. They do less than olive.json: rows are glued together into sequences of one
# length, and there is no evaluation.
set -eu
export OLIVE_DISABLE_TELEMETRY=1

hf download microsoft/Phi-4-mini-instruct --local-dir model

olive finetune \
  --model_name_or_path model \
  --method lora \
  --lora_r 16 \
  --lora_alpha 32 \
  --target_modules qkv_proj,o_proj,gate_up_proj,down_proj \
  --torch_dtype bfloat16 \
  --data_name json \
  --data_files data/train.jsonl \
  --use_chat_template \
  --max_seq_len 2048 \
  --max_samples 52 \
  --output_path adapter-by-command \
  --num_train_epochs 3 \
  --per_device_train_batch_size 4 \
  --gradient_accumulation_steps 1 \
  --learning_rate 0.0002 \
  --lr_scheduler_type cosine \
  --warmup_steps 0 \
  --weight_decay 0.0 \
  --optim adamw_torch \
  --logging_steps 10 \
  --seed 42

olive capture-onnx-graph \
  --model_name_or_path model \
  --adapter_path adapter-by-command/adapter \
  --use_model_builder --use_ort_genai \
  --precision int4 \
  --output_path onnx-by-command

python answer.py --model onnx-by-command 'Who are you?'
