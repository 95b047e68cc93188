"""Models registered in the workspace, such as the results of fine-tuning jobs."""
