package dev.muster.kernel.audit;

import java.time.Instant;

/**
 * One act.
 *
 * @param sequence rises with time, without meaning otherwise; {@code audit?since=} takes it
 * @param action a verb in the past tense with its subject first, as {@code config.accepted}
 * @param object what it was done to, as {@code pool/default}
 * @param detail one line for people, never a secret
 */
public record AuditEntry(
    long sequence, Instant at, Actor actor, String action, String object, String detail) {}
