-- The one clock that all machines agree on.

-- name: now()$
SELECT extract(epoch FROM clock_timestamp())::float8;
