//! What must be shown of the whole: fairness in simulated populations, disclosure against readers who compute and copy, the views
//! of a dossier.

mod attack;
mod disclosure;
mod dossier;
mod fairness;
mod official;
mod unlinked;
mod world;
