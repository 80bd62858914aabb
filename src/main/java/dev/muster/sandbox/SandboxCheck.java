package dev.muster.sandbox;

import java.util.Optional;

/**
 * A check run on a commit.
 *
 * @param repository {@code owner/name}
 * @param externalId the App's own
 * @param conclusion present once completed
 */
public record SandboxCheck(
    long id,
    String repository,
    String headSha,
    String name,
    Optional<String> externalId,
    String status,
    Optional<String> conclusion,
    String title,
    String summary) {}
