package dev.muster.tracing;

import dev.muster.fleet.pool.Planner;
import dev.muster.fleet.pool.PoolPlan;
import dev.muster.fleet.pool.PoolView;
import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.Telemetry;
import java.time.Instant;
import java.time.InstantSource;

/** A plan as a span, with how much it saw and how much it does. */
public record TracedPlanner(Planner planner, Telemetry telemetry, InstantSource clock)
    implements Planner {
  @Override
  public PoolPlan plan(PoolView view) {
    Instant began = clock.instant();
    PoolPlan plan = planner.plan(view);
    SpanBuilder span =
        telemetry
            .span("plan")
            .since(began)
            .set("muster.pool", view.pool().name())
            .set("muster.jobs.waiting", view.waiting().size())
            .set("muster.runners", view.runners().size())
            .set("muster.steps", plan.steps().size());
    span.past(clock.instant());
    return plan;
  }
}
