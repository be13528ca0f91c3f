/// Words that reports write with a capital although they name nobody; written for this screen.
enum ReportWords {
    private static func words(_ lines: String...) -> Set<String> {
        Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
    }

    /// Whether the word is one of reports, of headings or of grammar, whatever its capitals.
    static func isOrdinary(_ token: Token) -> Bool {
        let word = token.lower
        if neverNames.contains(word) || reports.contains(word) { return true }
        if token.isAllCapitals, token.text.count <= 3, token.text.utf8.count == token.text.count {
            return !Names.isKnown(word)
        }
        guard word.count >= 7, !Names.isKnown(word) else { return false }
        return suffixes.contains { word.hasSuffix($0) }
    }

    /// Whether a word in lower case may well begin a sentence.
    static func mayBegin(_ word: String) -> Bool { neverNames.contains(word) || reports.contains(word) }

    private static let suffixes = [
        "tion", "sion", "itis", "osis", "ectomy", "ology", "ography", "ogram", "oscopy", "plasty", "ness", "ical",
        "ically",
        "able", "ible", "ular", "eous", "ious", "pathy", "emia", "aemia", "megaly", "trophy", "tomy", "thorax", "lysis",
        "ments", "tions", "ating", "izing", "ising", "ected", "ative", "ility", "ities", "ology", "ologist", "ologists",
        "grams", "graphic", "scopic", "carcinoma", "ectasis", "ectatic", "phasia", "plasia", "algia", "ostomy",
        "centesis",
    ]

    /// Grammar, and what follows a title or a label without being a name.
    static let neverNames = words(
        "a an the and or but if then than that this these those there here it its he she they we you i me him her them his",
        "their our your my mine who whom whose which what when where why how is are was were be been being am has have had do",
        "does did will would shall should can could may might must not no nor none yes of in on at by for with without from to",
        "into onto over under above below between through during before after since until about against along among around as",
        "per via versus vs so such same both either neither each every all any some few many much more most less least other",
        "another also only just too very well now again once twice further still yet however therefore because although though",
        "while whereas unless please thank thanks hello dear hi let see seen note noted notes known unknown unable")

    /// Anatomy, findings, procedures, devices and headings.
    static let reports = words(
        "abdomen abdominal abnormal abnormality absent accession accident acetabular acetabulum achilles acr activity acute",
        "additional adenopathy adequate adjacent admission adrenal adrenals advanced age aged air airspace airway alert alignment",
        "allergy alveolar aneurysm angiogram angiography ankle annular anterior antrum aorta aortic apex apical appendix approach",
        "approximately arch area arm arterial arteries artery arthritis arthroplasty ascending ascites aspirate assessment",
        "asymmetric asymmetry atelectasis atherosclerosis atherosclerotic atrial atrium attending attenuation axial axillary back",
        "balloon barium basal base baseline basilar bed benign best bibasilar bifida bilateral biliary biopsy bladder bleed blood",
        "body bolus bone bones bony borderline bowel brachial brain breast breasts breath bronchial bronchus bronchi bulge burden",
        "calcaneus calcific calcification calcifications calcified calculi calculus calvarium cancer capsule carcinoma cardiac",
        "cardiomediastinal cardiomegaly cardiothoracic cardiovascular care carotid carpal cartilage case cases catheter category caudal cavity",
        "cavitary cecum celiac cell central cerebellar cerebellum cerebral cervical cervix change changes chest chief child",
        "cholecystectomy cholelithiasis chronic cirrhosis class clavicle clear cleared clinical clinic code coil collateral colon",
        "colonic column common communication comparison compared complaint complete complex complications compression conclusion",
        "concern concerning condition conditions condyle confluent congestive consider consistent consolidation consultation",
        "consult contact continued contour contours contrast contributory conus copd cord coronal coronary correlate correlation",
        "cortex cortical costal costophrenic cough course coverage cranial crest critical cruciate cruciates ct current cuts cyst",
        "cystic cysts daily data date deep deferred defect degenerative degree delayed dense density deposits dermoid descending",
        "detector deviation device diabetes diagnosis diagnostic diaphragm diaphragms diffuse diffusion dilated dilatation disc",
        "discharge discs disease disk disks dislocation disposition distal distended diverticula diverticulosis dominant doppler",
        "dorsal dose dual duct ducts due duodenum dura dural dynamic dyspnea early echo echogenic edema effusion effusions ejection",
        "elbow elevated elevation emergency emphysema emergent empyema enteric enteritis end endometrial endometrium endotracheal",
        "enhanced enhancement enhancing enlarged enlargement entire epidural epigastric equivocal erect esophageal esophagus",
        "estimated evaluate evaluation evidence exam examination exams expected extensive extension external extra extraction",
        "extremity eye facet facets facial facility failure fall fat fatty feeding female femoral femur fetal fever fibrosis fibula",
        "field film films final finding findings finger first fissure fixation flair flank flat flattening flexion flow fluid",
        "fluoroscopy flexor focal focus follow followup foot foramen forearm foreign fracture fractures free frontal fusion",
        "gadolinium gallbladder gallstones gastric general gland glands glenohumeral globes good grade graft gray great ground",
        "groin guidance guided gyn hand hardware head heart height hemangioma hematoma hemidiaphragm hemidiaphragms hemorrhage",
        "hemothorax hepatic hepatobiliary hernia herniation high hila hilar hilum hip hips history hospital house hours human",
        "humeral humerus hydronephrosis hyperinflation hyperlucent hypertension hypodense hypoxia icu iliac image images imaging",
        "immediate implant impression impressions improved inadequate incidental incision incomplete increased indeterminate",
        "indication indications indwelling infarct infection inferior infiltrate inflammatory infrahilar initial injury insertion",
        "inspiration intact inter internal interpretation interstitial interval intervertebral intestinal intra intracranial",
        "intramedullary intravenous invasive isodense isthmus iv jejunum joint joints jugular junction keep kidney kidneys knee",
        "kyphosis labral labrum laminectomy large last late lateral laterality left leg length lens lesion lesions level levels",
        "levoscoliosis life ligament ligaments likely limitations limited line linear lines lingula lingular lipoma liver loading",
        "lobar lobe lobes lobectomy local location long loose lordosis loss low lower lucency lucent lumbar lumbosacral lumen lump",
        "lung lungs lymph lymphadenopathy lymphoma main major male mammogram mammography mandible marked marrow mass masses mastoid",
        "mastectomy material maxillary maxilla measurement measurements measures measuring medial median mediastinal mediastinum",
        "medical medication medications menisci meniscus mental mesenteric metallic metastases metastasis metastatic mid middle mild",
        "mildly minimal minor mitral mobile moderate modality motion mr mri multifocal multilevel multiple muscle muscles myocardial",
        "narrowing nasal nasogastric nausea neck necrosis negative neoplasm nephrolithiasis nerve neural neuro new nodal node nodes",
        "nodular nodule nodules noncontrast nonspecific normal nuclear number numerous oblique obstruction occipital occlusion",
        "office old opacification opacities opacity open opinion orbital orbits order organ organs osseous osteoarthritis osteopenia",
        "osteopenic osteophyte osteophytes outside ovarian ovaries ovary overlying overall overread oxygen pacemaker pain painful",
        "palpable pancreas pancreatic pancreatitis para paranasal parenchyma parenchymal parietal partial patchy patella patellar",
        "patent patient patients pattern pediatric pelvic pelvis perfusion pericardial periosteal peripheral perihilar perisplenic",
        "peritoneal persistent phalanx phase physical physician picc pituitary placement plain plan plaque plate pleura pleural",
        "pneumonia pneumoperitoneum pneumothorax polyp polyps poor popliteal port portable portal position positive possible post",
        "posterior postoperative postsurgical posttraumatic preop preoperative preliminary present presents pressure previous",
        "primary prior priors probable probably procedure profile prominence prominent prone prostate prosthesis protocol proximal",
        "pubic pulmonary quadrant quality question questionable radial radiation radiograph radiographs radiography radiology",
        "radiologist radius reason recent recommend recommendation recommendations recommended rectal rectum redemonstrated",
        "redemonstration reduction reference referring reflux region regional relevant remainder remaining remote renal repair",
        "repeat report reported reports requested resection residual resolution resolved respiratory result results retained",
        "retrocardiac retroperitoneal retroperitoneum review reviewed rib ribs right ring root rotated rotation rotator routine",
        "rounded rule ruptured sacral sacroiliac sacrum sagittal salivary satisfactory scan scans scapula scar scarring scattered",
        "sclerosis sclerotic scoliosis screening scrotal second secondary section segment segmental semi sepsis septal septum",
        "sequela sequelae sequence sequences series serial seizure severe severity shadow sharp shift short shortness shoulder",
        "shunt side sided sigmoid sign significant signal signed silhouette similar single sinus sinuses site size skeletal skeleton",
        "skin skull slice slight slightly small smoker soft solid solitary sonogram sonographic source spaces space specimen sphenoid",
        "spinal spine spinous spleen splenic spondylosis spot stability stable staff stage staging standard stat status stenosis",
        "stent stents sternal sternotomy sternum stomach stone stones stool strain stranding streaky stroke structures structure",
        "study studies subclavian subcutaneous subdural submitted subpleural suboptimal subsegmental subtle suggest superficial",
        "superior supine support supraclavicular suprarenal surgery surgical surveillance suspected suspicious swelling symptoms",
        "syndrome system systemic table tail talus tarsal technique technical technologist temporal tendon tendons tenderness",
        "testicular testis thickened thickening thickness thin third thoracic thorax three thrombosis thrombus thyroid thymus tibia",
        "tibial tip tissue tissues today toe tortuosity tortuous total trachea tracheal tracheostomy transplant transverse trauma",
        "treatment tricuspid trochlea trochanter tube tubes tuberculosis tubular tumor tumour two type ulcer ulna ulnar ultrasound",
        "unchanged underlying unenhanced unilateral unremarkable upper upright ureter ureteral ureters urgent urinary urine us",
        "uterine uterus valve valves variant varices vascular vascularity vasculature vein veins vena venous ventral ventricle",
        "ventricles ventricular ventriculomegaly vertebra vertebrae vertebral vessel vessels view views visit visceral visualized",
        "volume volumes wall waters weakness weight wet white wide window windows wire wires within woman workup worsening wound",
        "wrist xray zone abscess actual addendum appearance appearances appropriate arthroscopy asthma attention avascular avulsion",
        "bicuspid bile birads biventricular bronchiectasis bronchitis bronchovascular brush bullet bullous bursitis cannula",
        "cardiologist cholecystitis clips clots cm coarse coccyx colitis collection collections comment comments compartment cone",
        "congenital coracoid cranium crohn cuff cutaneous decrease decreased delayed dependent diameter diaphyseal diffusely disorder",
        "dissection donor drain drainage edematous effaced eight eleven embolism embolus endograft epididymis epicondyle epiglottis",
        "esophagram exact exclude exophytic extent extrinsic extubated fallopian fascia fibroid fibroids fibroadenoma fine five",
        "fleischner follicle follicular four foraminal fundus ganglia gas genitourinary glenoid glioma goiter granuloma granulomas",
        "granulomatous gravid gynecologic hemithorax heterogeneous hiatal histologic homogeneous hormone hyper hypo ileum ileus",
        "impingement inguinal inpatient insufficiency interlobular interlobar intraductal intraosseous intubated involvement ischemia",
        "ischemic lacunar laryngeal larynx leak leads lead lipid lobulated luminal lytic malignancy malignant malrotation mammographic",
        "mediastinotomy meninges metatarsal microvascular midline morphology mucosal mural myelopathy myoma neonatal neoplastic",
        "nephrostomy nine nondisplaced nonobstructive obscured occult olecranon omental one osteolytic osteoporosis outpatient pacer",
        "palate pancreatic parotid pathologic pathology pedicle pending perforation periventricular pharynx phlebolith phleboliths",
        "placenta pneumonitis pons portion postmenopausal postpartum precaution precautions pregnancy pregnant prevertebral",
        "prostatectomy protrusion pseudoarthrosis pulmonic pyelonephritis rales retrolisthesis sacroiliitis scaphoid seminal septic",
        "seven shoulder six smoking spleen splenomegaly spondylolisthesis sprain squamous stapedial subacute subchondral subluxation",
        "supraspinatus suture sutures synovial tear tears ten tendinosis tenosynovitis terminal thalamus thyroidectomy tonsil traumatic",
        "trigone tympanic umbilical undersurface urethra urothelial vaginal valgus varus vasogenic venography vesicular viral vocal",
        "vomiting wedge xanthoma zero zygoma lungs bases chronically comparison none available attached accompanying admitting",
        "service services department team unit ward room nurse nursing nurses physicians provider providers resident fellow doctor",
        "mother father patient's electronically dictated signed transcribed approved verified interpreted finalized read reader",
        "name names dob mrn sex id phone fax email address account acc ssn zip page time exam type facility ordering referring",
        "eliquis xarelto plavix lipitor metformin keytruda opdivo avastin herceptin tamoxifen prednisone humira remicade dilaudid",
        "zofran ativan keppra warfarin ultravist gadovist multihance dotarem eovist magnevist lexiscan definity lumason datscan",
        "pylarify netspot axumin lutathera pluvicto hitachi fujifilm carestream konica agfa medtronic abbott biotronik stryker",
        "zimmer depuy scientific encounter arrival mbq gbq kbq mci mgy kvp mas suv suvmax ctdivol dlp dr mr mrs ms prof lab labs etoh admit admits admitted cardiopulmonary wheezing wheeze sarcoma melanoma lymphoma myeloma shielded allergies hx",
        "comparisons indicated medically biomedical personal info information country club hep sarcoid dyspneic dehydrated",
        "january february march april may june july august september october november december monday tuesday wednesday thursday",
        "friday saturday sunday spanish english yesterday tomorrow tonight morning evening afternoon night week month year years day",
        "allow allowing although assess assuming begin call called continue could correlate demonstrates determine discuss discussed",
        "ensure gradually given grossly identified includes including indicated involving look mention mentioned moderately nearly",
        "obtained obtain partially previously projecting reflect reflecting relatively represents representing respectively result",
        "seen severely shows similarly situated somewhat specifically status suggestive suggesting superimposed there unlikely using",
        "visualization images obtained optiray omnipaque isovue gadavist visipaque lasix tylenol coumadin heparin lovenox aspirin",
        "siemens philips toshiba canon hologic powerscribe epic pacs dicom ris tc fdg pet spect dexa dxa hida vq tavr lvad icd aicd",
        "covid sars hiv tb ekg ecg cta mra mrv mrcp ercp kub cxr pa ap lat ivc svc rca lad ef bmi gi gu ent er ed or ob obgyn micu",
        "rads lung-rads ti-rads pi-rads o-rads li-rads bi-rads nexus asir flair dwi adc stir swi tse gre")

    /// Diseases, signs and instruments that carry a person's name.
    static let eponyms = words(
        "foley kerley swan ganz hickman broviac groshong dobhoff dobbhoff hodgkin hodgkins parkinson alzheimer crohn paget baker",
        "colles smith's chance jefferson hangman bankart hill-sachs hill sachs schmorl schmorls scheuermann baastrup morton osgood",
        "schlatter sever perthes legg calve monteggia galeazzi bosworth maisonneuve lisfranc jones bennett rolando segond weber",
        "salter gartland garden schatzker neer ottawa virchow kussmaul cushing graves hashimoto addison marfan ehlers danlos ebstein",
        "fallot eisenmenger takayasu kawasaki wegener sjogren behcet raynaud buerger budd chiari arnold dandy huntington wilson",
        "hartmann whipple billroth roux nissen kocher pfannenstiel bochdalek morgagni spigelian zenker schatzki barrett mallory",
        "boerhaave meckel hirschsprung ogilvie couinaud glisson morison douglas gerota bosniak child-pugh fisher hunt hess spetzler",
        "evans sylvian rolandic willis galen monro luschka magendie meckel's rathke bartholin gartner wharton stensen cooper's",
        "bouchard heberden charcot looser milkman hoffa pellegrini stieda ewing wilms hurthle warthin krukenberg brenner leydig",
        "sertoli gleason breslow clark's tanner bucky towne caldwell merchant judet seldinger amplatz greenfield denver leveen",
        "jackson-pratt pratt penrose blakemore sengstaken dotter kirschner steinmann harrington luque cotrel herbert ilizarov bryan",
        "birt hogg dube lynch peutz jeghers gardner turcot turner down edwards klinefelter noonan williams gaucher pick castleman",
        "erdheim rosai dorfman langerhans kaposi burkitt waldenstrom bence caplan felty lofgren heerfordt mcardle hounsfield agatston",
        "fleischner stanford debakey crawford framingham glasgow boston milan wells geneva bishop apgar")

    /// The nouns that an eponym stands before.
    static let eponymNouns = words(
        "fracture fractures disease syndrome sign signs lesion lesions line lines catheter catheters node nodes cyst cysts duct",
        "scientific ligament deformity dislocation procedure criteria classification score scale grade type class stage view views method",
        "technique test tumor tumour lymphoma sarcoma pouch hernia diverticulum ring contracture neuroma palsy disorder anomaly",
        "malformation tetralogy triad phenomenon arthropathy joint joints canal space fascia fat pad angle point body bodies tube",
        "tubes drain filter stent stents valve graft shunt clamp clip clips nail nails rod rods wire wires screw screws plate needle",
        "port pump pacemaker implant prosthesis units unit number cells cell carcinoma nodule nodules disc effect artifact index"
    )
}
