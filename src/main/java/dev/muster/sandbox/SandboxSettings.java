package dev.muster.sandbox;

import java.time.Duration;
import java.util.Set;

/**
 * How this stand-in behaves.
 *
 * @param port to listen on at 127.0.0.1; 0 takes a free one
 * @param users owners that are users; every other owner is an organisation
 * @param strangers owners where the App is not installed
 * @param withheld permissions that the App was not given, in GitHub's words; {@code checks} is
 *     looked at
 * @param publicRepositories {@code owner/name}; every other repository is private
 * @param idleRunnerLife after this long without a job a just-in-time runner is removed
 * @param lostRunnerAfter after this long without a sign of life a runner is offline, and the job it
 *     had fails
 * @param readLag how old the answers about jobs and runners are
 * @param rateLimit requests an hour for each installation
 * @param webhookTimeout how long a webhook may take to be answered
 */
public record SandboxSettings(
    int port,
    Set<String> users,
    Set<String> strangers,
    Set<String> withheld,
    Set<String> publicRepositories,
    Duration idleRunnerLife,
    Duration lostRunnerAfter,
    Duration readLag,
    int rateLimit,
    Duration webhookTimeout) {
  public static final SandboxSettings DEFAULT =
      new SandboxSettings(
          0,
          Set.of(),
          Set.of(),
          Set.of(),
          Set.of(),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          Duration.ZERO,
          5_000,
          Duration.ofSeconds(10));

  public SandboxSettings {
    users = Set.copyOf(users);
    strangers = Set.copyOf(strangers);
    withheld = Set.copyOf(withheld);
    publicRepositories = Set.copyOf(publicRepositories);
  }

  public SandboxSettings withPort(int newPort) {
    return new SandboxSettings(
        newPort,
        users,
        strangers,
        withheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        readLag,
        rateLimit,
        webhookTimeout);
  }

  public SandboxSettings withUsers(Set<String> newUsers) {
    return new SandboxSettings(
        port,
        newUsers,
        strangers,
        withheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        readLag,
        rateLimit,
        webhookTimeout);
  }

  public SandboxSettings withStrangers(Set<String> newStrangers) {
    return new SandboxSettings(
        port,
        users,
        newStrangers,
        withheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        readLag,
        rateLimit,
        webhookTimeout);
  }

  public SandboxSettings withWithheld(Set<String> newWithheld) {
    return new SandboxSettings(
        port,
        users,
        strangers,
        newWithheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        readLag,
        rateLimit,
        webhookTimeout);
  }

  public SandboxSettings withReadLag(Duration newReadLag) {
    return new SandboxSettings(
        port,
        users,
        strangers,
        withheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        newReadLag,
        rateLimit,
        webhookTimeout);
  }

  public SandboxSettings withRateLimit(int newRateLimit) {
    return new SandboxSettings(
        port,
        users,
        strangers,
        withheld,
        publicRepositories,
        idleRunnerLife,
        lostRunnerAfter,
        readLag,
        newRateLimit,
        webhookTimeout);
  }
}
