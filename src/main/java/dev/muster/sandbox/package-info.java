/**
 * A stand-in for GitHub, for {@code muster try} and the tests: never the real thing, and marked so
 * in every answer, payload and line of output. {@link dev.muster.sandbox.SandboxGitHub} is the
 * server; it answers the REST calls that Muster makes and sends signed webhooks in GitHub's shape.
 * {@link dev.muster.sandbox.SandboxModel} holds GitHub's rules, the hard ones too: a job goes to
 * whichever free runner has its labels, an idle just-in-time runner disappears after minutes, a
 * busy one cannot be deleted, an open run cannot be rerun, a rerun is a new job, reads lag behind.
 * {@link dev.muster.sandbox.SandboxRunner} is a program of its own that takes one job and executes
 * its shell steps as real processes.
 */
@NullMarked
package dev.muster.sandbox;

import org.jspecify.annotations.NullMarked;
