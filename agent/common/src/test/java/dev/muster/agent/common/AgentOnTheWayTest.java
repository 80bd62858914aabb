package dev.muster.agent.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.common.FakeJobs.Job;
import dev.muster.agent.protocol.Instruction.Stop;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.RunnerRelease;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a machine while it waits and works: gaps, interruptions, output. */
class AgentOnTheWayTest {
  private static final Duration LONG = Duration.ofHours(6);
  private static final Duration GAP = Duration.ofMinutes(10);

  private static final Limits LIMITS =
      new Limits(
          Limits.DEFAULT.giveUpAfter(),
          Limits.DEFAULT.finalReportFor(),
          Limits.DEFAULT.grace(),
          Limits.DEFAULT.firstRetry(),
          Limits.DEFAULT.longestRetry(),
          Duration.ofMillis(20));

  private final StubAppliance appliance = new StubAppliance();
  private final FakeJobs jobs = new FakeJobs();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @TempDir private Path home;
  private FakeImds imds;

  @BeforeEach
  void serve() throws IOException {
    imds = new FakeImds();
  }

  @AfterEach
  void stop() {
    imds.close();
    threads.shutdownNow();
  }

  private Agent agent(AgentTime time, Optional<URI> metadata) throws IOException {
    PrivateFile file = new PrivateFile(home.resolve("agent.json"));
    file.write(
        Map.of(
            "url", "http://127.0.0.1:1",
            "launch", "l-1",
            "secret", "launch-secret",
            "instance", "i-1",
            "home", home.toString(),
            "hardDeadlineSeconds", LONG.toSeconds()));
    AgentConfig read = AgentConfig.read(file);
    AgentConfig config =
        new AgentConfig(
            read.url(),
            read.launch(),
            read.secret(),
            read.instance(),
            home,
            LONG,
            Optional.empty(),
            metadata,
            Optional.empty(),
            Optional.empty());
    return new Agent(
        config,
        file,
        new SessionFile(new PrivateFile(home.resolve("session.json"))),
        new Agent.Surroundings(
            new Machine("boot-1", "linux", "amd64", "test"),
            appliance,
            jobs,
            new FakeRunnerFiles(),
            time,
            new Random(1),
            LIMITS,
            log::add));
  }

  private static AgentResult result(Future<AgentResult> running) throws Exception {
    return running.get(30, TimeUnit.SECONDS);
  }

  @Test
  void idleMachineOutlastsAnApplianceThatIsAwayForTenMinutes() throws Exception {
    VirtualTime time = new VirtualTime();
    appliance.awayWhile = () -> !appliance.heard.isEmpty() && time.elapsed().compareTo(GAP) < 0;
    appliance.instructions.add(new Stop("surplus"));

    AgentResult result = agent(time, Optional.empty()).run();

    assertThat(result.message()).isEqualTo("told to stop: surplus");
    assertThat(time.elapsed()).isGreaterThanOrEqualTo(GAP);
    assertThat(appliance.enrolled).as("its session is still good").hasSize(1);
  }

  @Test
  void jobThatEndsInAGapOfTenMinutesIsReportedWholeAfterwards() throws Exception {
    VirtualTime time = new VirtualTime();
    appliance.instructions.add(FakeJobs.assign(LONG));
    Future<AgentResult> running = threads.submit(agent(time, Optional.empty())::run);
    appliance.hear(Phase.RUNNING);
    Job job = jobs.awaitJob();
    Duration begin = time.elapsed();
    appliance.awayWhile = () -> time.elapsed().minus(begin).compareTo(GAP) < 0;

    job.say("worked on in the gap\n");
    job.exit(0);

    assertThat(result(running).message()).isEqualTo("job 77 ended with exit code 0");
    Report finished = appliance.hear(Phase.FINISHED).getLast();
    assertThat(finished.log()).isEqualTo("worked on in the gap\n");
    assertThat(finished.exitCode()).isZero();
  }

  @Test
  void jobGoesOnAfterTheInterruptionNoticeUntilShortlyBefore() throws Exception {
    appliance.instructions.add(FakeJobs.assign(LONG));
    Future<AgentResult> running =
        threads.submit(agent(AgentTime.system(), Optional.of(imds.url()))::run);
    appliance.hear(Phase.RUNNING);
    Job job = jobs.awaitJob();
    Instant at = Instant.now().plus(Duration.ofSeconds(31));

    imds.put(SpotNotices.ACTION, "{\"action\": \"terminate\", \"time\": \"%s\"}".formatted(at));

    List<Report> told = appliance.hear(Phase.INTERRUPTED);
    assertThat(told.getLast().detail()).contains("terminate at " + at);
    List<Report> end = appliance.hear(Phase.FINISHED);
    assertThat(result(running)).isInstanceOf(AgentResult.JobDone.class);
    assertThat(end).extracting(Report::phase).containsSubsequence(Phase.STOPPING, Phase.FINISHED);
    assertThat(job.ended().join()).as("asked to end, with time").isEqualTo(LIMITS.grace());
    assertThat(end.getFirst().at()).isBetween(at.minusSeconds(31), at);
  }

  @Test
  void idleMachineThatIsTakenAwaySaysSoAndEnds() throws Exception {
    imds.put(
        SpotNotices.ACTION,
        "{\"action\": \"terminate\", \"time\": \"%s\"}".formatted(Instant.now().plusSeconds(120)));

    Future<AgentResult> running =
        threads.submit(agent(AgentTime.system(), Optional.of(imds.url()))::run);

    assertThat(appliance.hear(Phase.INTERRUPTED)).hasSize(2);
    assertThat(result(running).message()).startsWith("told to stop: spot interruption");
  }

  @Test
  void withoutAnAddressNobodyAsksForMetadata() throws Exception {
    appliance.instructions.add(new Stop("surplus"));
    agent(new VirtualTime(), Optional.empty()).run();
    assertThat(imds.asked).isEmpty();
  }

  @Test
  void outputIsShippedInChunksWithoutTheCredential() throws Exception {
    Files.writeString(home.resolve("boot.log"), "muster-bootstrap: this is i-1\n");
    appliance.instructions.add(FakeJobs.assign(LONG));
    Future<AgentResult> running = threads.submit(agent(AgentTime.system(), Optional.empty())::run);
    Job job = jobs.awaitJob();

    job.say("begin the-jit-config end\n");
    job.say("ü".repeat(30_000) + "\n");
    job.exit(0);
    result(running);

    List<LogChunk> chunks = List.copyOf(appliance.chunks);
    assertThat(chunks).extracting(LogChunk::seq).isSorted().doesNotHaveDuplicates();
    assertThat(String.join("", chunks.stream().map(LogChunk::text).toList()))
        .isEqualTo("muster-bootstrap: this is i-1\nbegin *** end\n" + "ü".repeat(30_000) + "\n");
    assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.text()).hasSizeLessThan(32 * 1024));
  }

  @Test
  void outputThatIsTooMuchIsLeftOutWithANote() throws Exception {
    appliance.instructions.add(FakeJobs.assign(LONG));
    Future<AgentResult> running = threads.submit(agent(AgentTime.system(), Optional.empty())::run);
    Job job = jobs.awaitJob();
    for (int i = 0; i < 3_000; i++) {
      job.say("x".repeat(1_000));
    }
    job.exit(0);
    result(running);

    String all = String.join("", appliance.chunks.stream().map(LogChunk::text).toList());
    assertThat(all.length()).isLessThan(LogShipper.MOST + 10_000);
    assertThat(all).containsPattern("\\[\\d+ bytes of output are left out here\\]");
  }

  @Test
  void localMachinesKeepTheirRunnerAsItIs() throws Exception {
    appliance.release = new RunnerRelease("2.400.0", "https://x", Map.of());
    appliance.instructions.add(new Stop("surplus"));

    agent(new VirtualTime(), Optional.empty()).run();

    assertThat(appliance.hear(Phase.READY)).hasSize(1);
    assertThat(log).noneMatch(line -> line.contains("2.400.0"));
  }
}
