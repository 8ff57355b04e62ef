-- Until now nothing asked plans who sees what they capture, and 'owner' is what they said unless told otherwise: whoever sees
-- something of a source by a grant goes on seeing it. What a plan says from now on counts.
update plans set spec = replace(spec, '"visibility":"owner"', '"visibility":"shared"');
update plan_versions set spec = replace(spec, '"visibility":"owner"', '"visibility":"shared"');
