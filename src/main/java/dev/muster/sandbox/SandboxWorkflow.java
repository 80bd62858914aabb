package dev.muster.sandbox;

import java.util.List;
import java.util.Map;

/** A workflow that can be dispatched. */
public interface SandboxWorkflow {
  /** The jobs of a run with these inputs. */
  List<JobRequest> jobs(Map<String, String> inputs);
}
