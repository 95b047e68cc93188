"""The Azure Machine Learning surface: jobs, endpoints, data assets and models of one workspace."""
