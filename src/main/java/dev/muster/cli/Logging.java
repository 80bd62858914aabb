package dev.muster.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.muster.kernel.tracing.CurrentTrace;
import dev.muster.kernel.tracing.TraceContext;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
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

  /**
   * Each line from now on is JSON: {@code timestamp}, {@code level}, {@code logger}, {@code
   * message}, where there are any {@code trace_id}, {@code span_id} and {@code exception}.
   */
  public static void asJson() {
    CurrentTrace.want();
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setFormatter(new JsonLine());
    }
  }

  private static String source(LogRecord event) {
    String name = String.valueOf(event.getLoggerName());
    return name.startsWith(OURS + ".") ? name.substring(OURS.length() + 1) : name;
  }

  /** One object, whatever is in the message. */
  static final class JsonLine extends SimpleFormatter {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String format(LogRecord event) {
      StringWriter line = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(line)) {
        json.writeStartObject();
        json.writeStringField(
            "timestamp", event.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
        json.writeStringField("level", event.getLevel().getName());
        json.writeStringField("logger", source(event));
        json.writeStringField("message", formatMessage(event));
        Optional<TraceContext> trace = CurrentTrace.get();
        if (trace.isPresent()) {
          json.writeStringField("trace_id", trace.get().traceId());
          json.writeStringField("span_id", trace.get().spanId());
        }
        if (event.getThrown() != null) {
          StringWriter thrown = new StringWriter();
          event.getThrown().printStackTrace(new PrintWriter(thrown, true));
          json.writeStringField("exception", thrown.toString());
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // into memory, so never
      }
      return line + System.lineSeparator();
    }
  }

  /** {@code 2026-01-02T03:04:05.678Z INFO fleet.pool.PoolReconciler: message}. */
  private static final class Line extends SimpleFormatter {
    @Override
    public String format(LogRecord event) {
      StringBuilder line =
          new StringBuilder()
              .append(event.getInstant().truncatedTo(ChronoUnit.MILLIS))
              .append(' ')
              .append(event.getLevel().getName())
              .append(' ')
              .append(source(event))
              .append(": ")
              .append(formatMessage(event).replace("\n", " | "))
              .append(System.lineSeparator());
      if (event.getThrown() != null) {
        StringWriter trace = new StringWriter();
        event.getThrown().printStackTrace(new PrintWriter(trace, true));
        line.append(trace);
      }
      return line.toString();
    }
  }
}
