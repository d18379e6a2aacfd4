package io.rowbell.spi;

import io.rowbell.model.Requirements;
import org.jspecify.annotations.Nullable;

/** A source's say over what its database sends. Nothing is altered but by {@link #apply}. */
public interface Publishing {
  /**
   * Plans the least that the database can send.
   *
   * @param keysStay whether the application is known never to change a primary key; otherwise an
   *     insert or a delete can also be an update
   * @throws SourceException if the database cannot be asked
   */
  PublicationPlan plan(Requirements requirements, Resume resume, boolean keysStay)
      throws SourceException;

  /**
   * Carries a plan's statements out, all or none.
   *
   * @throws SourceException if one fails for another reason than a missing privilege
   */
  Outcome apply(PublicationPlan plan, Requirements requirements, Resume resume)
      throws SourceException;

  /**
   * What became of a plan.
   *
   * @param applied all statements as done, or all as refused
   * @param accept what the setting {@code accept-publication} has to be for a journal that has seen
   *     the publication as it was; null if nothing has to be accepted
   */
  record Outcome(Source.Applied applied, @Nullable String accept) {}
}
