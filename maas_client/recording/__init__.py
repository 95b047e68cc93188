"""Recordings of real traffic: exchanges written so that they can be shared, one line each."""
