"""What a job file says, from its bytes to values that know their lines. `maas_client.job_file` is the door."""
