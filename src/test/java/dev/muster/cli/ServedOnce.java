package dev.muster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A home that an appliance has run on. */
final class ServedOnce {
  private ServedOnce() {}

  static void serve(Path muster, Path home) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                muster.toString(),
                "serve",
                "--home",
                home.toString(),
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!Files.exists(home.resolve("appliance.json"))) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("The appliance did not start");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("The appliance did not stop");
    }
  }
}
