package dev.muster.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.muster.kernel.tracing.CurrentTrace;
import dev.muster.kernel.tracing.TraceContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * One line per state change on stderr, where systemd's journal takes it: as text, or as JSON with
 * {@code timestamp}, {@code level}, {@code logger}, {@code message}, where there are any {@code
 * trace_id}, {@code span_id} and {@code exception}.
 */
public final class Logging {
  private static final String OURS = "dev.muster";

  /** What {@link FirstUse} reads. */
  private static volatile String properties = "";

  private Logging() {}

  /**
   * Says what is logged from the first event on: ours from the given level, libraries' from
   * warnings on. Not of connections: a sender that breaks off or talks nonsense is no news, and
   * must not be able to fill the log. What fails here while a request is answered is logged by
   * {@code kernel.http.Refusals}.
   *
   * <p>Java's log gets going when something first asks for a logger, and searches all jars then; a
   * start does other things meanwhile.
   */
  static void configure(Level ours, boolean json) {
    if (json) {
      CurrentTrace.want();
    }
    properties =
        """
        handlers = %s
        %s.level = ALL
        %s.formatter = %s
        .level = WARNING
        io.helidon.webserver.level = SEVERE
        %s.level = %s
        """
            .formatted(
                ConsoleHandler.class.getName(),
                ConsoleHandler.class.getName(),
                ConsoleHandler.class.getName(),
                (json ? JsonLine.class : Line.class).getName(),
                OURS,
                ours.getName());
    System.setProperty("java.util.logging.config.class", FirstUse.class.getName());
  }

  /** Made by {@link LogManager} when it gets going. */
  public static final class FirstUse {
    /** For {@link LogManager} alone. */
    public FirstUse() throws IOException {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(properties.getBytes(StandardCharsets.ISO_8859_1)));
    }
  }

  private static String source(LogRecord event) {
    String name = String.valueOf(event.getLoggerName());
    return name.startsWith(OURS + ".") ? name.substring(OURS.length() + 1) : name;
  }

  /** One object, whatever is in the message. */
  public static final class JsonLine extends SimpleFormatter {
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
  public static final class Line extends SimpleFormatter {
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
