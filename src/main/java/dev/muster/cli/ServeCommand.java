package dev.muster.cli;

import dev.muster.Appliance;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster serve}. */
@Command(name = "serve", description = "Runs the appliance.")
final class ServeCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Public listener; default 0.0.0.0:8080, without TLS 127.0.0.1:8080.")
  private @Nullable String listen;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description = "Admin listener with the status page; default 127.0.0.1:8081.")
  private @Nullable String admin;

  @Option(
      names = "--config-url",
      paramLabel = "URL",
      description = "Git repository of the config; default: the embedded one.")
  private @Nullable String configUrl;

  @Option(
      names = "--config-branch",
      paramLabel = "NAME",
      description = "Branch of the config; default main.")
  private @Nullable String configBranch;

  @Option(
      names = "--insecure-http",
      description = "Lets plain HTTP leave this machine: tokens and secrets go in clear.")
  private boolean insecureHttp;

  ServeCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.configure(Level.INFO);
    Home folder = home.home(world);
    Settings settings = Settings.read(folder, commandLine(), world.environment());
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch stop = new CountDownLatch(1);
    SystemTimers timers = new SystemTimers(world.clock());
    Appliance.Surroundings around =
        new Appliance.Surroundings(
            world.clock(),
            timers,
            new SecureRandom(),
            world.environment(),
            world.programs(),
            world.build().version(),
            Map.of());
    try (timers;
        Appliance appliance = Appliance.start(folder, settings, around)) {
      welcome(folder, settings, appliance);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> await(stop, stopped), "stop"));
      stop.await();
    } catch (HomeLock.TakenException e) {
      throw new Failure(Failure.NO, String.valueOf(e.getMessage()));
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /** The process ends when the shutdown hooks have: this one waits for the appliance to close. */
  private static void await(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, String> commandLine() {
    Map<String, String> given = new HashMap<>();
    put(given, "listen", listen);
    put(given, "admin", admin);
    put(given, "config_url", configUrl);
    put(given, "config_branch", configBranch);
    put(given, "insecure_http", insecureHttp ? "true" : null);
    return given;
  }

  private static void put(Map<String, String> map, String key, @Nullable String value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private void welcome(Home folder, Settings settings, Appliance appliance) {
    PrintStream out = world.out();
    Running running = appliance.running();
    out.println("Muster runs on " + folder.root());
    out.println("  status page  " + running.adminUrl());
    if (settings.configUrl().isPresent()) {
      out.println("  config from  " + settings.configUrl().get());
    } else {
      out.println("  config push  git push " + running.publicUrl() + "/git/config.git main");
    }
    if (appliance.firstToken().isPresent()) {
      Tokens.Created token = appliance.firstToken().get();
      out.println("  admin token  " + token.value() + "  (shown this once; git asks for it as");
      out.println("               the password, with any user name)");
    }
    if (settings.listen().loopback()) {
      out.println(
          "  Only this machine reaches it: set tls_certificate and tls_key in "
              + folder.properties());
    }
    out.flush();
  }
}
