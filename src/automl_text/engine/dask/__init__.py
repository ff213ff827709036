"""The same units on an existing Dask cluster: client, what the workers must hold, and what happens there."""
