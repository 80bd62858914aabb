package dev.muster.kernel.tracing.otel;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Whether spans arrive. Each change is said once; what is as it was is not said again. */
final class Arrival {
  private static final Logger log = System.getLogger(OtlpTelemetry.class.getName());

  private final AtomicBoolean failing = new AtomicBoolean();
  private volatile Consumer<Optional<String>> listener = trouble -> {};

  void onTrouble(Consumer<Optional<String>> told) {
    listener = told;
  }

  void arrived() {
    if (failing.compareAndSet(true, false)) {
      log.log(Level.INFO, "Traces arrive again");
      tell(Optional.empty());
    }
  }

  void failed(String why) {
    if (failing.compareAndSet(false, true)) {
      String said =
          "Traces do not arrive: %s; nothing else is affected; check OTEL_EXPORTER_OTLP_ENDPOINT and its receiver"
              .formatted(why);
      log.log(Level.WARNING, said);
      tell(Optional.of(said));
    }
  }

  private void tell(Optional<String> trouble) {
    try {
      listener.accept(trouble);
    } catch (RuntimeException e) {
      log.log(Level.DEBUG, "What became of traces could not be noted", e);
    }
  }
}
