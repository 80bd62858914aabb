package dev.muster.config.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.text.MessageFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AwsSecretsTest {
  private static final SecretRef HOOK = new SecretRef("github-webhook");

  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final Map<String, String> machine = new HashMap<>();
  private final FakeStore ssm = new FakeStore("ssm");
  private final FakeStore manager = new FakeStore("manager");
  private final AwsSecrets secrets =
      new AwsSecrets(
          ref ->
              Optional.ofNullable(machine.get(ref.name()))
                  .map(value -> new Secrets.Found(value, "machine")),
          () -> new AwsSecrets.Stores(List.of(ssm, manager), () -> {}),
          time);

  @Test
  void machineComesBeforeSsmAndThatBeforeSecretsManager() {
    manager.values.put(HOOK.name(), "of manager");
    assertThat(secrets.find(HOOK))
        .contains(new Secrets.Found("of manager", "manager github-webhook"));
    ssm.values.put(HOOK.name(), "of ssm");
    time.pass(CachedSecret.FRESH);
    assertThat(secrets.find(HOOK)).contains(new Secrets.Found("of ssm", "ssm github-webhook"));
    assertThat(manager.calls()).as("asked only where SSM has nothing").isEqualTo(1);
    machine.put(HOOK.name(), "of machine");
    assertThat(secrets.value(HOOK)).contains("of machine");
    assertThat(ssm.calls()).isEqualTo(2);
  }

  @Test
  void valueIsServedWithoutACallForFiveMinutes() {
    ssm.values.put(HOOK.name(), "old");
    assertThat(secrets.value(HOOK)).contains("old");
    ssm.values.put(HOOK.name(), "new");
    time.pass(CachedSecret.FRESH.minusSeconds(1));
    assertThat(secrets.value(HOOK)).contains("old");
    assertThat(ssm.calls()).isEqualTo(1);
    time.pass(Duration.ofSeconds(1));
    assertThat(secrets.value(HOOK)).contains("new");
    assertThat(ssm.calls()).isEqualTo(2);
  }

  @Test
  void nothingIsRememberedForThirtySeconds() {
    assertThat(secrets.value(HOOK)).isEmpty();
    ssm.values.put(HOOK.name(), "made since");
    time.pass(CachedSecret.PAUSE.minusSeconds(1));
    assertThat(secrets.value(HOOK)).isEmpty();
    assertThat(ssm.calls()).isEqualTo(1);
    time.pass(Duration.ofSeconds(1));
    assertThat(secrets.value(HOOK)).contains("made since");
  }

  @Test
  void secretThatWasRemovedIsServedNoMore() {
    ssm.values.put(HOOK.name(), "value");
    assertThat(secrets.value(HOOK)).contains("value");
    ssm.values.clear();
    time.pass(CachedSecret.FRESH);
    assertThat(secrets.value(HOOK)).isEmpty();
  }

  @Test
  void lineBreaksAtTheEndDoNotCountAndAnEmptyValueIsNone() {
    ssm.values.put(HOOK.name(), "  \n");
    manager.values.put(HOOK.name(), "line 1\nline 2\n");
    assertThat(secrets.value(HOOK)).contains("line 1\nline 2");
  }

  @Test
  void lastGoodValueOutlivesFailuresWhichAreLoggedOnce() {
    ssm.values.put(HOOK.name(), "hunter2");
    assertThat(secrets.value(HOOK)).contains("hunter2");
    List<String> logged = new ArrayList<>();
    Handler handler = recording(logged);
    Logger logger = Logger.getLogger(CachedSecret.class.getName());
    logger.addHandler(handler);
    try {
      time.pass(CachedSecret.FRESH);
      for (int failure = 1; failure <= 3; failure++) {
        ssm.nextErrors.add(new TransientException("Cannot read it: timeout", null));
        assertThat(secrets.value(HOOK)).contains("hunter2");
        assertThat(secrets.value(HOOK)).contains("hunter2");
        assertThat(ssm.calls()).as("asked again after a pause alone").isEqualTo(1 + failure);
        time.pass(CachedSecret.PAUSE);
      }
      assertThat(logged)
          .singleElement()
          .asString()
          .contains("Cannot read it: timeout", "github-webhook")
          .doesNotContain("hunter2");
      ssm.values.put(HOOK.name(), "newer");
      assertThat(secrets.value(HOOK)).contains("newer");
      assertThat(logged).hasSize(2).last().asString().contains("can be read again");
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void withoutALastValueTheFailureIsRememberedForThirtySeconds() {
    ssm.nextErrors.add(new TransientException("Cannot read it: timeout", null));
    manager.values.put(HOOK.name(), "of manager");
    for (int caller = 0; caller < 3; caller++) {
      assertThatThrownBy(() -> secrets.value(HOOK))
          .as("which of both counts is not known")
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("timeout");
    }
    assertThat(ssm.calls()).isEqualTo(1);
    time.pass(CachedSecret.PAUSE);
    assertThat(secrets.value(HOOK)).contains("of manager");
  }

  @Test
  void storeThatRefusesDoesNotHideTheNext() {
    ssm.nextErrors.add(new StalledException("not allowed: ssm:GetParameter", null));
    manager.values.put(HOOK.name(), "of manager");
    assertThat(secrets.value(HOOK)).contains("of manager");
    SecretRef other = new SecretRef("other");
    ssm.nextErrors.add(new StalledException("not allowed: ssm:GetParameter", null));
    assertThatThrownBy(() -> secrets.value(other))
        .isInstanceOf(StalledException.class)
        .hasMessage("not allowed: ssm:GetParameter");
  }

  @Test
  void callersAtTheSameTimeMakeOneCall() throws Exception {
    ssm.values.put(HOOK.name(), "value");
    ssm.hold = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<String>>> answers = new ArrayList<>();
      for (int caller = 0; caller < 50; caller++) {
        answers.add(callers.submit(() -> secrets.value(HOOK)));
      }
      ssm.asked.await();
      ssm.hold.countDown();
      for (Future<Optional<String>> answer : answers) {
        assertThat(answer.get()).contains("value");
      }
    }
    assertThat(ssm.calls()).isEqualTo(1);
  }

  @Test
  void oneSecretDoesNotWaitForAnother() throws Exception {
    ssm.values.put(HOOK.name(), "value");
    assertThat(secrets.value(HOOK)).contains("value");
    ssm.hold = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> slow = callers.submit(() -> secrets.value(new SecretRef("slow")));
      assertThat(secrets.value(HOOK)).contains("value");
      ssm.hold.countDown();
      assertThat(slow.get()).isEmpty();
    }
  }

  private static Handler recording(List<String> messages) {
    return new Handler() {
      @Override
      public void publish(LogRecord entry) {
        messages.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
