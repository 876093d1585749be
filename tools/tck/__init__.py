"""The public DMN Technology Compatibility Kit, run against `bpmn.decisions`."""
