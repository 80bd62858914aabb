/**
 * The JSON API of the admin listener: one reader per resource turns rows into the records that
 * Jackson writes, and {@code ApiRoutes} knows their addresses. The names of the fields are those of
 * the records in snake case; what is absent is null. {@code openapi.json}, a resource, describes
 * it, and a test holds the two together. The web page shows the same records.
 */
@NullMarked
package dev.muster.status.api;

import org.jspecify.annotations.NullMarked;
