package dev.muster.kernel.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 that closes a connection whose first request, or whose request that has begun, is not
 * there up to the end of its headers in time. Helidon would wait for headers for ever, so that
 * whoever sends a byte of them now and then, on as many connections as there may be, would keep all
 * others out.
 *
 * <p>It is looked at whenever Helidon looks for idle connections.
 */
public final class HeadDeadline implements ServerConnectionSelector {
  /** Longer than whatever Helidon is told to wait. */
  private static final Duration OVERDUE = Duration.ofDays(3650);

  private final Duration patience;
  private final InstantSource clock;
  private final ServerConnectionSelector http;
  private final Map<ConnectionContext, Connection> open = new ConcurrentHashMap<>();

  /**
   * For any number of listeners.
   *
   * @param patience how long a head may take, give or take the time between Helidon's looks
   */
  public HeadDeadline(Duration patience, InstantSource clock) {
    this.patience = patience;
    this.clock = clock;
    this.http =
        Http1ConnectionSelector.builder()
            .config(Http1Config.builder().addReceiveListener(new Heads()).build())
            .build();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Connection connection = new Connection(context, http.connection(context));
    open.put(context, connection);
    return connection;
  }

  /** Connections that wait for the end of a head, to tell a test when they do. */
  long waiting() {
    return open.values().stream().filter(connection -> connection.awaited != null).count();
  }

  /** Hears where a head begins, behind its first line, and where it ends. */
  private final class Heads implements Http1ConnectionListener {
    @Override
    public void prologue(ConnectionContext context, HttpPrologue prologue) {
      awaits(context, clock.instant());
    }

    @Override
    public void headers(ConnectionContext context, Headers headers) {
      awaits(context, null);
    }

    private void awaits(ConnectionContext context, @Nullable Instant since) {
      Connection connection = open.get(context);
      if (connection != null) {
        connection.awaited = since;
      }
    }
  }

  private final class Connection implements ServerConnection, InterruptableTask<Void> {
    private final ConnectionContext context;
    private final ServerConnection http;

    /** Since when the end of a head is waited for; null while nobody sends one, or it is there. */
    private volatile @Nullable Instant awaited = clock.instant();

    Connection(ConnectionContext context, ServerConnection http) {
      this.context = context;
      this.http = http;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        http.handle(limit);
      } finally {
        open.remove(context);
      }
    }

    private boolean overdue() {
      Instant since = awaited;
      return since != null && since.plus(patience).isBefore(clock.instant());
    }

    @Override
    public Duration idleTime() {
      return overdue() ? OVERDUE : http.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      http.close(interrupt || overdue());
    }

    @Override
    public boolean canInterrupt() {
      return http instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }
}
