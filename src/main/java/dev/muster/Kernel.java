package dev.muster;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.status.Metrics;
import java.time.InstantSource;

/** What every part works on. */
record Kernel(
    Home home,
    Database database,
    Writer writer,
    WorkQueue queue,
    AuditLog audit,
    Metrics metrics,
    Telemetry telemetry,
    InstantSource clock) {}
