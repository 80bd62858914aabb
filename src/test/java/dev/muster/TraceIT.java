package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.sandbox.SandboxJob;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One job from GitHub's delivery to its end, as a receiver of traces sees it. */
@Timeout(120)
class TraceIT {
  private static final String REPOSITORY = "acme/api";

  @TempDir private Path folder;
  private OtlpReceiver receiver;
  private LocalFleet fleet;

  @BeforeEach
  void start() throws Exception {
    receiver = OtlpReceiver.start();
    fleet =
        new LocalFleet(
            folder,
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                receiver.url().toString(),
                "OTEL_BSP_SCHEDULE_DELAY",
                "50"));
  }

  @AfterEach
  void end() throws Exception {
    fleet.close();
    receiver.close();
  }

  /** What is exported in one go may come in two. */
  private static boolean whole(List<Span> all, String trace) {
    return of(all, trace).keySet().containsAll(List.of("job", "job queued", "job cleaning up"));
  }

  @Test
  void oneTraceLeadsFromTheDeliveryToTheEndOfTheJobAcrossARestart() throws Exception {
    Path gate = folder.resolve("gate");
    Path seen = folder.resolve("seen");
    SandboxJob queued =
        fleet
            .sandbox()
            .queueJob(
                REPOSITORY,
                List.of("muster=1/runner=here"),
                List.of(
                    "echo $TRACEPARENT > '" + seen + "'",
                    "while [ ! -e '" + gate + "' ]; do sleep 0.05; done"));
    fleet.await(queued, j -> j.state() == JobState.RUNNING);
    fleet.stop();
    fleet.start();
    Files.createFile(gate);
    Job job = fleet.await(queued, j -> j.state() == JobState.COMPLETED);
    String trace = job.trace().orElseThrow().traceId();
    List<Span> spans =
        of(receiver.await(all -> whole(all, trace)), trace).values().stream()
            .flatMap(List::stream)
            .toList();
    Map<String, List<Span>> named = byName(spans);
    assertThat(named.keySet())
        .as(OtlpReceiver.describe(spans))
        .contains(
            "POST /webhooks/github",
            "verify",
            "commit",
            "apply workflow_job",
            "queue pool",
            "reconcile pool",
            "plan",
            "queue launch",
            "reconcile launch",
            "provider launch",
            "queue runner",
            "reconcile runner",
            "GitHub register a runner",
            "job",
            "job queued",
            "job waiting for a runner",
            "job machine starting",
            "job registering the runner",
            "job runner starting",
            "job steps running",
            "job cleaning up");
    Span root = one(named, "POST /webhooks/github");
    assertThat(OtlpReceiver.parentId(root)).as("it begins the trace").isEmpty();
    assertThat(job.trace().orElseThrow().spanId()).isEqualTo(OtlpReceiver.spanId(root));
    assertEveryParentIsThere(spans);
    assertThat(parent(spans, one(named, "provider launch")).getName())
        .isEqualTo("reconcile launch");
    assertThat(parent(spans, one(named, "reconcile launch")).getName()).isEqualTo("reconcile pool");
    assertThat(parent(spans, one(named, "GitHub register a runner")).getName())
        .isEqualTo("reconcile runner");
    Span whole = one(named, "job");
    assertThat(parent(spans, whole)).isEqualTo(root);
    assertThat(OtlpReceiver.attributes(whole))
        .containsEntry("muster.job", Long.toString(queued.id()))
        .containsEntry("muster.conclusion", "success");
    assertThat(
            spans.stream()
                .filter(s -> OtlpReceiver.parentId(s).equals(OtlpReceiver.spanId(whole)))
                .map(Span::getName))
        .hasSize(7)
        .allMatch(name -> name.startsWith("job "));
    assertThat(parsed(Files.readString(seen)).map(TraceContext::traceId))
        .as("what the job's steps are told")
        .contains(trace);
  }

  /** GitHub's later webhooks arrive in traces of their own. */
  @Test
  void laterDeliveriesJoinTheJobsTraceByALink() throws Exception {
    SandboxJob queued =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=1/runner=here"), List.of("true"));
    Job job = fleet.await(queued, j -> j.state() == JobState.COMPLETED);
    String trace = job.trace().orElseThrow().traceId();
    List<Span> all =
        receiver.await(
            spans -> of(spans, trace).getOrDefault("apply workflow_job", List.of()).size() >= 3);
    Set<String> linked =
        of(all, trace).getOrDefault("apply workflow_job", List.of()).stream()
            .flatMap(span -> span.getLinksList().stream())
            .map(link -> java.util.HexFormat.of().formatHex(link.getTraceId().toByteArray()))
            .collect(Collectors.toSet());
    assertThat(linked).hasSize(2).doesNotContain(trace);
    assertThat(
            all.stream()
                .filter(span -> span.getName().equals("POST /webhooks/github"))
                .map(OtlpReceiver::traceId))
        .containsAll(linked)
        .contains(trace);
  }

  private static Optional<TraceContext> parsed(String text) {
    return TraceContext.parse(text.strip());
  }

  private static Map<String, List<Span>> of(List<Span> spans, String trace) {
    return byName(spans.stream().filter(s -> OtlpReceiver.traceId(s).equals(trace)).toList());
  }

  private static Map<String, List<Span>> byName(List<Span> spans) {
    return spans.stream().collect(Collectors.groupingBy(Span::getName));
  }

  private static Span one(Map<String, List<Span>> named, String name) {
    List<Span> spans = named.getOrDefault(name, List.of());
    assertThat(spans).as(name).hasSize(1);
    return spans.getFirst();
  }

  private static Span parent(List<Span> spans, Span child) {
    return spans.stream()
        .filter(s -> OtlpReceiver.spanId(s).equals(OtlpReceiver.parentId(child)))
        .findFirst()
        .orElseThrow();
  }

  private static void assertEveryParentIsThere(List<Span> spans) {
    Map<String, Span> byId = new HashMap<>();
    spans.forEach(s -> byId.put(OtlpReceiver.spanId(s), s));
    assertThat(
            spans.stream()
                .map(OtlpReceiver::parentId)
                .filter(parent -> !parent.isEmpty())
                .collect(Collectors.toMap(Function.identity(), Function.identity(), (a, b) -> a))
                .keySet())
        .as(OtlpReceiver.describe(spans))
        .isSubsetOf(byId.keySet());
  }
}
