"""The ASGI application: dispatch, fault effects, and the clock that advances when clients poll."""
