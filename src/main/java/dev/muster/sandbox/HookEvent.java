package dev.muster.sandbox;

/** Something that GitHub tells an App by a webhook. */
public sealed interface HookEvent {
  /** GitHub's word for it, as in {@code X-GitHub-Event}. */
  String event();

  /** The payload's {@code action}; empty where this kind has none. */
  String action();

  /** {@code owner/name}. */
  String repository();

  /** A job was queued, started or completed; {@code action} says which. */
  record JobChanged(String action, SandboxJob job) implements HookEvent {
    @Override
    public String event() {
      return "workflow_job";
    }

    @Override
    public String repository() {
      return job.repository();
    }
  }

  /** A run was requested or completed. */
  record RunChanged(String action, SandboxRun run) implements HookEvent {
    @Override
    public String event() {
      return "workflow_run";
    }

    @Override
    public String repository() {
      return run.repository();
    }
  }

  /** A branch moved. */
  record Pushed(String repository, String branch, String head) implements HookEvent {
    @Override
    public String event() {
      return "push";
    }

    @Override
    public String action() {
      return "";
    }
  }
}
