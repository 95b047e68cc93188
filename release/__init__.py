"""What a release consists of, beside the packages themselves."""
