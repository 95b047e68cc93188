"""A local server that speaks the wire protocol of Azure Machine Learning's serverless fine-tuning.

From a test, `with mock_server.server.serve() as server:`; from any language, `python -m mock_server`.
"""
