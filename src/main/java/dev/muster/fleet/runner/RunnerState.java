package dev.muster.fleet.runner;

import java.util.Locale;

/** Where a runner stands. */
public enum RunnerState {
  /** Part of a launch whose row is stored; the cloud was not called yet. */
  PLANNED,
  /** The cloud was called, or may have been. */
  LAUNCHING,
  /** Its instance exists and has not enrolled yet. */
  BOOTING,
  /** Enrolled, and not registered with GitHub: it waits for a job. */
  READY,
  /** Reserved for a job; its registration is being made. */
  ASSIGNED,
  /** Known to GitHub under the job's labels; no job arrived yet. */
  REGISTERED,
  /** GitHub gave it a job. Never killed by us before its deadline. */
  BUSY,
  /** Being stopped, to be started again later. */
  STOPPING,
  STOPPED,
  /** Being started again. */
  STARTING,
  /** To be terminated, or being terminated. */
  TERMINATING,
  TERMINATED,
  /** Went wrong; see its reason. Its instance, if any, is to be terminated. */
  FAILED;

  /** Whether its instance is gone or never was. */
  public boolean ended() {
    return this == TERMINATED;
  }

  /** Whether it takes a place of its pool's maximum. */
  public boolean alive() {
    return switch (this) {
      case PLANNED, LAUNCHING, BOOTING, READY, ASSIGNED, REGISTERED, BUSY -> true;
      case STOPPING, STOPPED, STARTING -> true;
      case TERMINATING, TERMINATED, FAILED -> false;
    };
  }

  /** Whether it will become ready by itself. */
  public boolean coming() {
    return switch (this) {
      case PLANNED, LAUNCHING, BOOTING, STARTING -> true;
      case READY, ASSIGNED, REGISTERED, BUSY, STOPPING, STOPPED -> false;
      case TERMINATING, TERMINATED, FAILED -> false;
    };
  }

  /** The word of the API and the page. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
