// The task list's keys and live rows.
