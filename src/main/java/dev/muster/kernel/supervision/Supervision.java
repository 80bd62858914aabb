package dev.muster.kernel.supervision;

import dev.muster.kernel.clock.Timers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Tells systemd, on a thread of its own, how the appliance is: {@code READY=1} once it serves,
 * {@code WATCHDOG=1} as long as it is alive, {@code STATUS=} whenever that changes, {@code
 * STOPPING=1} at the end. An appliance that is alive and does not serve yet (its config repository
 * cannot be reached, say) records webhooks already, so it asks for more time to start rather than
 * be killed for it. One that is stuck asks for nothing, and systemd ends it.
 */
public final class Supervision implements AutoCloseable {
  private static final System.Logger log = System.getLogger(Supervision.class.getName());

  private static final String SOCKET = "NOTIFY_SOCKET";
  private static final String WATCHDOG = "WATCHDOG_USEC";
  private static final String WATCHDOG_PID = "WATCHDOG_PID";

  /** What processes that are started from here must not inherit. */
  public static final Set<String> VARIABLES = Set.of(SOCKET, WATCHDOG, WATCHDOG_PID);

  /** How often is looked until it serves. */
  static final Duration UNTIL_READY = Duration.ofSeconds(1);

  /** How often is looked afterwards, where no watchdog asks for more. */
  static final Duration USUALLY = Duration.ofSeconds(20);

  /** The next message comes well within this. */
  private static final Duration MORE_TIME = Duration.ofSeconds(60);

  /** What is supervised. Neither may wait for long: a silence is what the watchdog hears. */
  public interface Supervised {
    /** Why it does not serve; empty when it does. */
    Optional<String> unready();

    /** What hangs; empty while it is alive. */
    Optional<String> stuck();

    /** In a few words, for {@code systemctl status}. */
    String summary();
  }

  private final NotifySocket socket;
  private final Optional<Duration> watchdog;
  private final InstantSource clock;
  private final Timers timers;
  private final Supervised supervised;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;
  private boolean ready;
  private boolean deaf;
  private String status = "";

  private Supervision(
      NotifySocket socket,
      Optional<Duration> watchdog,
      InstantSource clock,
      Timers timers,
      Supervised supervised) {
    this.socket = socket;
    this.watchdog = watchdog;
    this.clock = clock;
    this.timers = timers;
    this.supervised = supervised;
    // Not a virtual one: those stand still together when something holds all that carries them.
    this.thread = Thread.ofPlatform().name("muster-supervision").daemon().unstarted(this::run);
  }

  /**
   * Starts telling; empty when nobody asked.
   *
   * @param environment all variables of the process
   * @param pid of this process
   */
  public static Optional<Supervision> start(
      Map<String, String> environment,
      long pid,
      InstantSource clock,
      Timers timers,
      Supervised supervised) {
    String address = environment.getOrDefault(SOCKET, "");
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      Supervision supervision =
          new Supervision(
              NotifySocket.open(address), watchdog(environment, pid), clock, timers, supervised);
      supervision.thread.start();
      return Optional.of(supervision);
    } catch (IOException e) {
      log.log(Level.WARNING, "The service manager is told nothing: {0}", e.getMessage());
      return Optional.empty();
    }
  }

  /** How long systemd waits for a sign; empty when it watches nobody, or another process. */
  static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String meant = environment.getOrDefault(WATCHDOG_PID, "");
    String micros = environment.getOrDefault(WATCHDOG, "");
    boolean another = !meant.isEmpty() && !meant.equals(Long.toString(pid));
    if (another || !micros.matches("[1-9][0-9]{0,17}")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros), 1_000L)));
  }

  private void run() {
    try {
      while (!closed) {
        // Before anything is said: whoever hears it may rely on the next time.
        timers.at(clock.instant().plus(interval()), wake::release);
        lookAndLiveOn();
        wake.acquire();
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever cannot be told now gives no sign of life, and may be told the next time. */
  private void lookAndLiveOn() {
    try {
      look();
    } catch (RuntimeException e) {
      log.log(Level.ERROR, "How the appliance is cannot be told; it is looked at again", e);
    }
  }

  private Duration interval() {
    if (!ready) {
      return watchdog
          .map(w -> w.dividedBy(3))
          .filter(w -> w.compareTo(UNTIL_READY) < 0)
          .orElse(UNTIL_READY);
    }
    return watchdog.map(w -> w.dividedBy(3)).filter(w -> w.compareTo(USUALLY) < 0).orElse(USUALLY);
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    Optional<String> stuck = supervised.stuck();
    if (stuck.isPresent()) {
      say("STATUS=Stuck: " + stuck.get(), "");
      return;
    }
    Optional<String> unready = supervised.unready();
    String sign = watchdog.isPresent() ? "WATCHDOG=1" : "";
    if (unready.isPresent()) {
      String wait = ready ? "" : "EXTEND_TIMEOUT_USEC=" + MORE_TIME.toNanos() / 1_000 + "\n";
      say("STATUS=Not ready: " + unready.get(), wait + sign);
    } else {
      String first = ready ? "" : "READY=1\n";
      ready = true;
      say("STATUS=" + supervised.summary(), first + sign);
    }
  }

  /** The status is said when it is another one than before, what is urgent always. */
  private void say(String newStatus, String urgent) {
    String line = newStatus.replace('\n', ' ');
    String message = line.equals(status) ? urgent : (urgent.strip() + "\n" + line).strip();
    status = line;
    if (!message.isBlank()) {
      send(message.strip());
    }
  }

  private void send(String message) {
    try {
      socket.send(message);
      deaf = false;
    } catch (IOException e) {
      if (!deaf) {
        log.log(Level.WARNING, "The service manager does not hear: {0}", e.getMessage());
      }
      deaf = true;
    }
  }

  /** Says that the appliance stops, before it does. */
  @Override
  public void close() {
    closed = true;
    wake.release();
    synchronized (this) {
      send("STOPPING=1\nSTATUS=Stopping");
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    socket.close();
  }
}
