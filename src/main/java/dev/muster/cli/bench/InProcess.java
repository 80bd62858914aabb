package dev.muster.cli.bench;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An appliance in this process, whose machines exist in memory alone. */
record InProcess(Appliance appliance, CountingProvider provider, SystemTimers timers)
    implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static InProcess start(Home home) throws IOException {
    InstantSource clock = InstantSource.system();
    CountingProvider provider = new CountingProvider(clock);
    SystemTimers timers = new SystemTimers(clock);
    Settings settings = Settings.read(home, BenchHome.freePorts(), Map.of());
    Appliance appliance =
        Appliance.start(
            home,
            settings,
            new Surroundings(
                clock,
                timers,
                new SecureRandom(),
                Map.of(),
                config -> List.of("/bin/true"),
                "bench",
                Map.of(Provider.EC2, (fleet, database, writer) -> provider)));
    return new InProcess(appliance, provider, timers);
  }

  /** Waits without a poll of its own being what is measured: looks every millisecond. */
  static Duration until(String what, BooleanSupplier condition) {
    return until(what, Duration.ofMillis(1), condition);
  }

  /** The same, looking less often: for a condition that takes work to look at. */
  static Duration until(String what, Duration every, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new IllegalStateException("Not within " + PATIENCE.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(every.toNanos());
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Override
  public void close() {
    appliance.close();
    timers.close();
  }
}
