package dev.muster;

import dev.muster.kernel.access.Access;
import dev.muster.kernel.home.Listen;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.http.HeadDeadline;
import dev.muster.kernel.http.HostGuard;
import dev.muster.status.api.ReadGuard;
import io.helidon.common.configurable.Resource;
import io.helidon.common.mapper.DefaultMapperProvider__ServiceDescriptor;
import io.helidon.common.mapper.MappersFactory__ServiceDescriptor;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;

/** The public and the admin listener of one server. */
final class ApplianceListeners implements AutoCloseable {
  private static final String ADMIN = "admin";

  /**
   * Connections at a time, of each listener: more wait to be let in. Whoever opens many and says
   * little, which needs no signature, must not fill the heap.
   */
  private static final int CONNECTIONS = 4_096;

  /** How long the head of a request may take, and how often it is looked for those that do not. */
  private static final Duration HEAD = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(15);

  private final Settings settings;
  private final WebServer server;

  private ApplianceListeners(Settings settings, WebServer server) {
    this.settings = settings;
    this.server = server;
  }

  /**
   * Binds both addresses and lets go again: a start then fails before it opens anything else, and
   * with the reason, which Helidon only logs.
   */
  static void requireFree(Settings settings) throws IOException {
    requireFree(settings.listen(), "--listen");
    requireFree(settings.admin(), "--admin");
  }

  private static void requireFree(Listen listen, String option) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(listen.address());
    } catch (SocketException e) {
      throw new IOException(
          "Cannot listen at %s: %s; stop what listens there, or name another address with %s"
              .formatted(listen, e.getMessage(), option),
          e);
    }
  }

  /** On loopback anybody may look, as long as it is no web page elsewhere that makes them. */
  static Filter readGuard(Listen admin, Access access) {
    return admin.loopback() ? new HostGuard() : new ReadGuard(access);
  }

  /**
   * Gets Helidon going, which takes a tenth of a second and needs nothing but settings.
   *
   * <p>Without its search of all jars for services: what reads the parameters of a query is all of
   * them that is used here.
   */
  static Prepared prepare(Settings settings, InstantSource clock) {
    GlobalServiceRegistry.registry(() ->
        ServiceRegistryManager.create(
                ServiceRegistryConfig.builder()
                    .discoverServices(false)
                    .discoverServicesFromServiceLoader(false)
                    .addServiceDescriptor(DefaultMapperProvider__ServiceDescriptor.INSTANCE)
                    .addServiceDescriptor(MappersFactory__ServiceDescriptor.INSTANCE)
                    .build())
            .registry());
    HeadDeadline http = new HeadDeadline(HEAD, clock);
    WebServerConfig.Builder server =
        WebServer.builder()
            .host(settings.listen().host())
            .port(settings.listen().port())
            .maxTcpConnections(CONNECTIONS)
            .idleConnectionPeriod(LOOK)
            .shutdownHook(false)
            .featuresDiscoverServices(false)
            .protocolsDiscoverServices(false)
            .addConnectionSelector(http)
            .concurrencyLimitDiscoverServices(false)
            .putSocket(
                ADMIN,
                socket ->
                    socket
                        .host(settings.admin().host())
                        .port(settings.admin().port())
                        .maxTcpConnections(CONNECTIONS)
                        .idleConnectionPeriod(LOOK)
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(http)
                        .concurrencyLimitDiscoverServices(false));
    settings
        .tls()
        .ifPresent(files -> {
          Keys keys =
              Keys.builder()
                  .pem(pem ->
                      pem.certChain(Resource.create(files.certificate()))
                          .key(Resource.create(files.key())))
                  .build();
          server.tls(Tls.builder().privateKey(keys).privateKeyCertChain(keys).build());
        });
    return new Prepared(settings, server, HttpRouting.builder(), HttpRouting.builder());
  }

  /** Listeners that do not listen yet, and their routings, which are empty. */
  record Prepared(
      Settings settings,
      WebServerConfig.Builder server,
      HttpRouting.Builder publicRouting,
      HttpRouting.Builder adminRouting) {
    /**
     * Serves from now on.
     *
     * @throws IOException when an address is taken after all
     */
    ApplianceListeners serve() throws IOException {
      if (settings.insecureHttp() && settings.tls().isEmpty()) {
        System.getLogger(ApplianceListeners.class.getName())
            .log(Level.WARNING, "Serving plain HTTP beyond this machine, as --insecure-http says");
      }
      WebServer started =
          server.routing(publicRouting).routing(ADMIN, adminRouting).build().start();
      if (!started.isRunning()) {
        throw new IOException(
            "Cannot listen at %s and %s; the log says why"
                .formatted(settings.listen(), settings.admin()));
      }
      return new ApplianceListeners(settings, started);
    }
  }

  /** How this machine reaches the public listener. */
  URI publicUrl() {
    return settings.listen().url(settings.tls().isPresent(), server.port());
  }

  /** How this machine reaches the admin listener. */
  URI adminUrl() {
    return settings.admin().url(false, server.port(ADMIN));
  }

  @Override
  public void close() {
    server.stop();
  }
}
