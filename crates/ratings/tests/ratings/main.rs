//! What must be shown of the whole: fairness in simulated populations, disclosure against readers who compute, the views
//! of a dossier.

mod attack;
mod disclosure;
mod dossier;
mod fairness;
mod official;
mod world;
