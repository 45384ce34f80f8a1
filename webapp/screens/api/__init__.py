"""The REST interface ``/api/v1``: one table of routes, and the OpenAPI document made from it."""
