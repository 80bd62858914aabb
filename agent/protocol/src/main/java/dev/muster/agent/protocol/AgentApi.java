package dev.muster.agent.protocol;

import java.time.Duration;

/** Paths and fixed numbers of the protocol. */
public final class AgentApi {
  public static final String ENROLL = "/agent/v1/enroll";
  public static final String SESSION = "/agent/v1/session";
  public static final String POLL = "/agent/v1/poll";
  public static final String REPORT = "/agent/v1/report";
  public static final String LOG = "/agent/v1/log";

  /** What follows is a file's name, for whoever asks: the agents themselves, and their manifest. */
  public static final String FILES = "/agent/v1/files";

  /** Query parameter of {@link #POLL}: seconds that the answer may take. */
  public static final String WAIT = "wait";

  /** The variable that GitHub's runner reads its JIT configuration from. */
  public static final String JIT_VARIABLE = "ACTIONS_RUNNER_INPUT_JITCONFIG";

  /** How long a rotated session stays good when its successor is not used. */
  public static final Duration ROTATION_GRACE = Duration.ofSeconds(60);

  /** The largest body of either side, in bytes. */
  public static final int MAX_BODY = 256 * 1024;

  private AgentApi() {}
}
