package dev.muster.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** One line per state change on stderr, where systemd's journal takes it. */
public final class Logging {
  private static final String OURS = "dev.muster";

  /** Held, as the log manager forgets what nobody holds, and its level with it. */
  private static final Logger CONNECTIONS = Logger.getLogger("io.helidon.webserver");

  private Logging() {}

  /**
   * Sets the levels: ours as given, libraries' from warnings on. Not of connections: a sender that
   * breaks off or talks nonsense is no news, and must not be able to fill the log. What fails here
   * while a request is answered is logged by {@code kernel.http.Refusals}.
   */
  public static void configure(Level ours) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFormatter(new Line());
    root.addHandler(handler);
    root.setLevel(Level.WARNING);
    CONNECTIONS.setLevel(Level.SEVERE);
    Logger.getLogger(OURS).setLevel(ours);
  }

  /** {@code 2026-01-02T03:04:05.678Z INFO fleet.pool.PoolReconciler: message}. */
  private static final class Line extends SimpleFormatter {
    @Override
    public String format(LogRecord event) {
      String name = String.valueOf(event.getLoggerName());
      String source = name.startsWith(OURS + ".") ? name.substring(OURS.length() + 1) : name;
      StringBuilder line =
          new StringBuilder()
              .append(event.getInstant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS))
              .append(' ')
              .append(event.getLevel().getName())
              .append(' ')
              .append(source)
              .append(": ")
              .append(formatMessage(event).replace("\n", " | "))
              .append(System.lineSeparator());
      if (event.getThrown() != null) {
        java.io.StringWriter trace = new java.io.StringWriter();
        event.getThrown().printStackTrace(new java.io.PrintWriter(trace, true));
        line.append(trace);
      }
      return line.toString();
    }
  }
}
