package dev.muster.fleet.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.Range;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What every provider promises, tried with a spec of two slots. */
public abstract class ComputeProviderContract {
  /** Where its machines are. */
  protected String region() {
    return "local";
  }

  /** A word of why there is no more room. */
  protected String shortage() {
    return "slots";
  }

  /** A provider over the same machines each time it is called. */
  protected abstract ComputeProvider provider();

  /** What a runner starts. */
  protected List<String> command() {
    return List.of("/bin/true");
  }

  @Test
  void launchesWhatWasAskedForAndListsIt() throws InterruptedException {
    List<String> made = launched(provider().launch(request(1, 2), "secret"));
    assertThat(made).hasSize(2).doesNotHaveDuplicates();
    List<Instance> listed = provider().list(region()).machines();
    assertThat(listed).extracting(Instance::id).containsExactlyInAnyOrderElementsOf(made);
    assertThat(listed).extracting(Instance::launch).containsOnly(Optional.of(launch(1)));
    assertThat(listed).extracting(Instance::state).containsOnly(Instance.State.RUNNING);
  }

  @Test
  void sameLaunchGivesTheSameMachines() throws InterruptedException {
    List<String> made = launched(provider().launch(request(1, 2), "secret"));
    assertThat(launched(provider().launch(request(1, 2), "secret"))).isEqualTo(made);
    assertThat(provider().list(region()).machines()).hasSize(2);
  }

  @Test
  void launchesNoMoreThanThereIsRoomForAndSaysWhy() throws InterruptedException {
    LaunchResult.Launched most = (LaunchResult.Launched) provider().launch(request(1, 5), "secret");
    assertThat(most.instances()).hasSize(2);
    assertThat(most.note()).contains(shortage());
    assertThat(provider().launch(request(2, 1), "secret"))
        .isInstanceOf(LaunchResult.NoCapacity.class);
    assertThat(provider().list(region()).machines()).hasSize(2);
  }

  @Test
  void terminatedMachinesLeaveTheListAndGiveTheirRoomBack() throws InterruptedException {
    List<String> made = launched(provider().launch(request(1, 2), "secret"));
    provider().terminate(region(), List.of(made.getFirst()));
    awaitGone(made.getFirst());
    assertThat(provider().list(region()).machines())
        .extracting(Instance::id)
        .containsExactly(made.getLast());
    assertThat(launched(provider().launch(request(2, 1), "secret"))).hasSize(1);
  }

  @Test
  void machinesThatAreGoneAreSkipped() throws InterruptedException {
    List<String> made = launched(provider().launch(request(1, 1), "secret"));
    provider().terminate(region(), made);
    awaitGone(made.getFirst());
    List<String> gone = List.of(made.getFirst(), launch(9) + "-0", "i-none");
    provider().terminate(region(), gone);
    provider().stop(region(), gone);
    provider().start(region(), gone);
    assertThat(provider().list(region()).machines()).isEmpty();
  }

  @Test
  void nothingIsListedBeforeTheFirstLaunch() throws InterruptedException {
    assertThat(provider().list(region()).machines()).isEmpty();
  }

  /** Until the provider no longer lists a machine that was ended. */
  protected void awaitGone(String instance) throws InterruptedException {
    assertThat(provider().list(region()).machines())
        .extracting(Instance::id)
        .doesNotContain(instance);
  }

  protected static List<String> launched(LaunchResult result) {
    assertThat(result).isInstanceOf(LaunchResult.Launched.class);
    return ((LaunchResult.Launched) result).instances();
  }

  protected static String launch(int number) {
    return "launch-%016d".formatted(number);
  }

  /** Of which two machines can be made. */
  protected RunnerSpec spec() {
    return new RunnerSpec(
        "here",
        Provider.LOCAL,
        Os.LINUX,
        Arch.AMD64,
        new Range(1, 1),
        new Range(1, 1),
        List.of(),
        List.of(),
        OptionalInt.empty(),
        1,
        Optional.empty(),
        Spot.NEVER,
        Duration.ofHours(1),
        List.of(),
        2,
        command(),
        false,
        false);
  }

  protected LaunchRequest request(int number, int count) {
    return new LaunchRequest(
        launch(number),
        "default",
        "dev",
        region(),
        spec(),
        count,
        false,
        URI.create("http://127.0.0.1:1/"));
  }
}
