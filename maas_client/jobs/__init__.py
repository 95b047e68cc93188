"""Fine-tuning jobs: what is asked for, creation, waiting, logs, metrics."""
