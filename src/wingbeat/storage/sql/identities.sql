-- Who somebody is to an identity provider, and sign-ins that are with one just now.

-- name: begin_journey(state_hash, browser_hash, issuer, nonce, return_to, seconds)!
INSERT INTO oidc_journeys (state_hash, browser_hash, issuer, nonce, return_to, expires_at)
VALUES (:state_hash, :browser_hash, :issuer, :nonce, :return_to,
        clock_timestamp() + make_interval(secs => :seconds::float8));

-- name: forget_journeys()!
DELETE FROM oidc_journeys WHERE expires_at < clock_timestamp();

-- name: end_journey(state_hash, browser_hash, issuer)^
-- Taken once, whatever comes of it.
DELETE FROM oidc_journeys
WHERE state_hash = :state_hash AND browser_hash = :browser_hash AND issuer = :issuer
RETURNING nonce, return_to, expires_at > clock_timestamp() AS holds;

-- name: find_identity(issuer, subject)$
SELECT user_id FROM user_identities WHERE issuer = :issuer AND subject = :subject;

-- name: insert_identity(issuer, subject, user_id)!
INSERT INTO user_identities (issuer, subject, user_id) VALUES (:issuer, :subject, :user_id);

-- name: note_identity(issuer, subject)!
UPDATE user_identities SET last_sign_in_at = clock_timestamp() WHERE issuer = :issuer AND subject = :subject;
