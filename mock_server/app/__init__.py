"""The ASGI application: dispatch, effects of faults, the clock that polling moves."""
