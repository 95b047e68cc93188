"""Check a configuration as axolotl does before a training, and print what it makes of it as JSON.

Run in the environment of the exports: `python check_axolotl.py axolotl.yaml`. axolotl ignores keys that it does not
know, so they are listed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.config import AxolotlInputConfig

GPU = {"bf16": True, "fp8": False, "n_gpu": 1, "n_node": 1, "compute_capability": "sm_90"}
"""The machine that the configuration is checked for."""

config = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
unknown = sorted(set(config) - set(AxolotlInputConfig.model_fields))
valid = validate_config(DictDefault(config), capabilities=GPU, env_capabilities={"torch_version": "2.13.0"})
print(json.dumps({"unknown": unknown, "valid": dict(valid)}, default=str))
