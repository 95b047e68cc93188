"""Values and rules that every layer uses: errors, requests, service documents, secrets, redaction. No I/O."""
