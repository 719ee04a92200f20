"""What people do in workflows: tasks, approvals and notifications."""
