package dev.muster.fleet.runner;

import dev.muster.fleet.job.JobId;

/** What can happen to a runner. */
public sealed interface RunnerEvent {
  /** The cloud is about to be called. */
  record Launching() implements RunnerEvent {}

  /** The cloud made its instance. */
  record Launched(String instance) implements RunnerEvent {}

  /** Its agent enrolled, or came back after a boot, and can take a job. */
  record Enrolled() implements RunnerEvent {}

  /** A job is meant for it, under this name at GitHub. */
  record Assigned(JobId job, String name) implements RunnerEvent {}

  /** GitHub knows it. */
  record Registered(long githubId) implements RunnerEvent {}

  /** The job that it is meant for went elsewhere; another with the same labels waits for it. */
  record Rebound(JobId job) implements RunnerEvent {}

  /** GitHub gave it this job. */
  record Started(JobId job) implements RunnerEvent {}

  /** Its registration was lost with an earlier process of ours; another is made under this name. */
  record Reassigned(String name) implements RunnerEvent {}

  /** Nothing needs it any more; it is taken off GitHub first, which refuses while it works. */
  record Released(String reason) implements RunnerEvent {}

  /** GitHub says that its job is over; its agent has a little time to say so too. */
  record JobEnded() implements RunnerEvent {}

  /** GitHub says that it works, so its registration cannot be taken away. */
  record FoundBusy() implements RunnerEvent {}

  /** To be stopped and kept. */
  record StopWanted(String reason) implements RunnerEvent {}

  /** The cloud says that it stopped. */
  record Stopped() implements RunnerEvent {}

  /** To be started again. */
  record StartWanted(String reason) implements RunnerEvent {}

  /** To be terminated: surplus, or its work is done. */
  record TerminateWanted(String reason) implements RunnerEvent {}

  /** Its instance is gone. */
  record Terminated(String reason) implements RunnerEvent {}

  /** It went wrong: a deadline passed, its agent said so, its machine vanished. */
  record Failed(String reason) implements RunnerEvent {}
}
