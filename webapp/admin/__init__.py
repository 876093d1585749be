"""Administration: people, organisation, deployments, incidents."""
